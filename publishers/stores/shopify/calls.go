package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

const answerLimit = 8 << 20

// userError is an error about one field of a mutation.
type userError struct {
	Field   []string `json:"field"`
	Message string   `json:"message"`
	Code    string   `json:"code"`
}

type userErrors []userError

func (list userErrors) Error() string {
	words := make([]string, len(list))
	for i, e := range list {
		words[i] = strings.Trim(e.Code+": "+e.Message, ": ")
	}
	return strings.Join(words, "; ")
}

func (list userErrors) has(code string) bool {
	for _, e := range list {
		if e.Code == code {
			return true
		}
	}
	return false
}

// refusal classifies userErrors, with which Shopify has done nothing, by the names of FilesErrorCode and
// MediaUserErrorCode.
func (list userErrors) refusal() error {
	if len(list) == 0 {
		return nil
	}
	var e *publishers.Error
	switch first := list[0]; first.Code {
	case "NON_READY_STATE", "FILE_LOCKED", "MEDIA_CANNOT_BE_MODIFIED", // another change to it is in progress
		// the next attempt uploads again and looks the products up again
		"FILE_DOES_NOT_EXIST", "REFERENCE_TARGET_DOES_NOT_EXIST":
		e = publishers.Retry(2*time.Second, nil)
	case "PRODUCT_MEDIA_LIMIT_EXCEEDED", "TOO_MANY_FILE_REFERENCE":
		e = publishers.Permanent("skus", reasons.ShopifyMediaFull(first.Message))
	case "PRODUCT_SUSPENDED":
		e = publishers.Permanent("skus", reasons.ShopifyProductSuspended(first.Message))
	case "ALT_VALUE_LIMIT_EXCEEDED":
		e = publishers.Permanent("alt", reasons.ShopifyRefusesAlt(first.Message))
	default:
		field := "media"
		if len(first.Field) > 0 && first.Field[len(first.Field)-1] == "alt" {
			field = "alt"
		}
		e = publishers.Permanent(field, reasons.ShopifyRefuses(first.Message))
	}
	e.Err = list
	return e
}

// token returns the access token of the shop: the one that was entered, or one that the app gets with its id and
// secret.
func (p *publisher) token(ctx context.Context, a publishers.Account, c config, refused string) (string, error) {
	if t := a.Secrets[publishers.AccessToken]; t != "" {
		return t, nil
	}
	if c.ClientID == "" || a.Secrets["client_secret"] == "" {
		return "", dam.InvalidInput("config.client_id", reasons.ShopifyCredentialsNeeded())
	}
	return p.tokens.Get(ctx, p.client, publishers.Application{TokenURL: p.base(c.Shop) + "/admin/oauth/access_token",
		ID: c.ClientID, Secret: a.Secrets["client_secret"],
		Refused: reasons.ApplicationRefusedShopify()}, refused)
}

// ask makes one GraphQL request and decodes its data into out. A request that Shopify can't parse has not been
// executed; one without an answer may have been. A request whose token is refused has not been executed, and is sent
// again with a new token if there is one.
func (p *publisher) ask(ctx context.Context, a publishers.Account, operation string, variables map[string]any,
	commit bool, out any) error {
	c, err := settings(a)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]any{"query": operation, "variables": variables})
	if err != nil {
		return err
	}
	refused := ""
	for {
		token, err := p.token(ctx, a, c, refused)
		if err != nil {
			return err
		}
		status, err := p.send(ctx, p.base(c.Shop), token, raw, commit, out)
		if status == http.StatusUnauthorized && refused == "" && a.Secrets[publishers.AccessToken] == "" {
			refused = token
			continue
		}
		return err
	}
}

func (p *publisher) send(ctx context.Context, base, token string, body []byte, commit bool, out any) (int, error) {
	var answer []byte
	c := publishers.Call{Method: http.MethodPost, URL: base + "/admin/api/" + api.Version + "/graphql.json",
		Body: bytes.NewReader(body), Commit: commit, Out: &answer,
		Header: http.Header{"Content-Type": {"application/json"}, "X-Shopify-Access-Token": {token}}}
	c.Refused = func(res *http.Response, body []byte, commit bool) error { return understand(res, body, commit, out) }
	res, err := c.Do(ctx, p.client)
	switch {
	case res.Response == nil:
		return 0, err
	case err != nil:
		return res.StatusCode, err
	}
	return res.StatusCode, understand(res.Response, answer, commit, out)
}

// understand reads an answer. GraphQL errors have status 200.
func understand(res *http.Response, answer []byte, commit bool, out any) error {
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return publishers.Disconnected(reasons.ShopifyTokenUnknown(), publishers.Answered(res, false))
	case http.StatusPaymentRequired, http.StatusLocked:
		return publishers.Disconnected(reasons.ShopifyShopFrozen(), publishers.Answered(res, false))
	case http.StatusNotFound:
		return publishers.Disconnected(reasons.ShopifyNoShop(), publishers.Answered(res, false))
	default:
		return publishers.Answered(res, commit)
	}
	var v struct {
		Data   json.RawMessage `json:"data"`
		Errors []struct {
			Message    string `json:"message"`
			Extensions struct {
				Code string `json:"code"`
			} `json:"extensions"`
		} `json:"errors"`
		Extensions struct {
			Cost cost `json:"cost"`
		} `json:"extensions"`
	}
	if err := json.Unmarshal(answer, &v); err != nil {
		return fmt.Errorf("the answer of Shopify can't be read: %w", err)
	}
	if len(v.Errors) == 0 {
		return json.Unmarshal(v.Data, out)
	}
	said := fmt.Errorf("%s: %s", v.Errors[0].Extensions.Code, v.Errors[0].Message)
	switch v.Errors[0].Extensions.Code {
	case "THROTTLED":
		return publishers.Throttled(time.Now().Add(v.Extensions.Cost.pause()), said)
	case "ACCESS_DENIED":
		return publishers.Disconnected(reasons.ShopifyTokenMayNot(v.Errors[0].Message), said)
	case "SHOP_INACTIVE":
		return publishers.Disconnected(reasons.ShopifyShopInactive(), said)
	case "INTERNAL_SERVER_ERROR":
		return said
	}
	e := publishers.Permanent("", reasons.ShopifyCallNotUnderstood(v.Errors[0].Message))
	e.Err = said
	return e
}

// cost is the cost of a request, which is taken from a bucket that refills over time.
type cost struct {
	Requested float64 `json:"requestedQueryCost"`
	Throttle  struct {
		Available float64 `json:"currentlyAvailable"`
		Restore   float64 `json:"restoreRate"` // points per second
	} `json:"throttleStatus"`
}

// pause returns how long the bucket takes to have enough again. Other apps of the shop have their own buckets.
func (c cost) pause() time.Duration {
	if c.Throttle.Restore <= 0 {
		return time.Minute
	}
	return 15*time.Second +
		time.Duration(max(0, (c.Requested-c.Throttle.Available)/c.Throttle.Restore)*float64(time.Second))
}

// upload uploads a file to where Shopify fetches it from, and returns that URL.
func (p *publisher) upload(ctx context.Context, in publishers.Intent, m publishers.Media, name string) (source string,
	err error) {
	var out struct {
		StagedUploadsCreate struct {
			StagedTargets []struct {
				URL         string `json:"url"`
				ResourceURL string `json:"resourceUrl"`
				Parameters  []struct{ Name, Value string }
			}
			UserErrors userErrors
		}
	}
	if err := p.ask(ctx, in.Account,
		`mutation stagedUploadsCreate($input: [StagedUploadInput!]!) { stagedUploadsCreate(input: $input) {
		stagedTargets { url resourceUrl parameters { name value } } userErrors { field message } } }`,
		map[string]any{"input": []any{map[string]any{"filename": name, "mimeType": m.MediaType, "resource": "IMAGE",
			"httpMethod": "POST", "fileSize": fmt.Sprint(m.Size)}}}, false, &out); err != nil {
		return "", err
	}
	made := out.StagedUploadsCreate
	if err := made.UserErrors.refusal(); err != nil {
		return "", err
	}
	if len(made.StagedTargets) != 1 {
		return "", errors.New("no place to upload to was given")
	}
	target := made.StagedTargets[0]
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	for _, f := range target.Parameters {
		err = errors.Join(err, form.WriteField(f.Name, f.Value))
	}
	_, fileErr := form.CreateFormFile("file", name)
	if err = errors.Join(err, fileErr); err != nil {
		return "", err
	}
	file, err := in.Open(ctx, m)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	size := int64(head.Len()) + m.Size + int64(len(tail))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL,
		io.MultiReader(&head, file, strings.NewReader(tail)))
	if err != nil {
		return "", err
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, answerLimit))
	if err = errors.Join(err, res.Body.Close()); err == nil && res.StatusCode/100 != 2 {
		// the upload URL is a third party's and says nothing about the shop; the next attempt gets a new one
		return "", publishers.Retry(0, publishers.Answered(res, false))
	}
	return target.ResourceURL, err
}
