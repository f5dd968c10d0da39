"""A Vitrine plug-in: a notice board that keeps its notices as files in a folder.

Run:  NOTICEBOARD_SECRET=whsec_… python3 noticeboard.py FOLDER [PORT]
Then: add a channel of kind "plugin" with this address and the same secret.
"""
import base64, hashlib, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = sys.argv[1]
KEY = base64.b64decode(os.environ["NOTICEBOARD_SECRET"].removeprefix("whsec_"))
os.makedirs(FOLDER, exist_ok=True)

class Refused(Exception):
    """An error with the name Vitrine goes by."""

    def __init__(self, error, message, field="", remedy=""):
        self.body = {"error": error, "message": message, "field": field, "remedy": remedy}

def path(name):
    return os.path.join(FOLDER, os.path.basename(name))

def write(name, data):  # whole or not at all
    with open(path(name) + ".part", "wb") as f:
        f.write(data)
    os.replace(path(name) + ".part", path(name))

def notice(call):  # one file per publication: sending twice makes no second notice
    return call["intent"]["id"] + ".json"

def look(call):
    try:
        with open(path(notice(call))) as f:
            sent = json.load(f)
    except FileNotFoundError:
        return {"verdict": "absent"}
    if sent["revision"] < call["intent"]["revision"] and "receipt" not in call:
        return {"verdict": "absent"}  # an older revision is there: this one did not arrive
    return {"verdict": "delivered", "remote": notice(call)}

def prepare(call):
    need = [m["sha256"] for m in call["intent"]["content"]["media"] if not os.path.exists(path(m["sha256"]))]
    return {"need": need, "state": {}}

def commit(call):
    if len(call["intent"]["content"].get("text", "")) > 500:
        raise Refused("permanent", "a notice has at most 500 characters", "caption", "shorten it")
    write(notice(call), json.dumps(call["intent"]).encode())
    return {"remote": notice(call)}

def comment(call):  # asked once, after the notice is up
    write(notice(call) + ".comment", call["intent"]["content"]["first_comment"].encode())
    return {"remote": notice(call) + ".comment"}

def recall(call):
    for name in notice(call), notice(call) + ".comment":
        if os.path.exists(path(name)):
            os.remove(path(name))
    return {"answer": "taken off the board"}

STEPS = {
    "describe": lambda call: {"idempotency": "durable", "update": True, "recall": True, "caption_unit": "runes", "caption_max": 500, "comments": True},
    "verify": lambda call: {"id": FOLDER, "name": "Notice board"},
    "prepare": prepare, "commit": commit, "lookup": look, "status": look, "comment": comment, "recall": recall,
}

class Handler(BaseHTTPRequestHandler):
    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        stamp = self.headers.get("webhook-timestamp", "0")
        signed = f"{self.headers.get('webhook-id', '')}.{stamp}.".encode() + body
        want = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        given = self.headers.get("webhook-signature", "").split()
        if abs(time.time() - int(stamp)) > 300 or not any(hmac.compare_digest(want, g) for g in given):
            return self.answer(401, {"error": "disconnected", "message": "the signature is wrong"})
        step = self.path.strip("/")
        if self.command == "PUT" and step.startswith("media/"):
            write(hashlib.sha256(body).hexdigest(), body)
            return self.answer(200, {})
        try:
            self.answer(200, STEPS[step](json.loads(body)))
        except KeyError as e:
            self.answer(404, {"error": "permanent", "message": f"missing {e}"})
        except Refused as e:
            self.answer(422, e.body)

    do_POST = do_PUT = handle_any

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
