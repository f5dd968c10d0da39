#!/bin/sh
# Uploads FILE to the server at URL with nothing but curl (tus 1.0), in pieces of 64 KiB.
# usage: VITRINE_TOKEN=… upload.sh URL FILE; prints the asset's id.
set -eu
url=$1 file=$2
size=$(wc -c <"$file" | tr -d ' ')
name=$(printf %s "$(basename "$file")" | base64 | tr -d '\n')
at=$(curl -fsS -X POST "$url/api/uploads" -H "Authorization: Bearer $VITRINE_TOKEN" -H 'Tus-Resumable: 1.0.0' \
	-H "Upload-Length: $size" -H "Upload-Metadata: filename $name" -D - -o /dev/null | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
case $at in /*) at=$url$at ;; esac # a location may be relative to the server
offset=0
while [ "$offset" -lt "$size" ]; do
	answer=$(tail -c +$((offset + 1)) "$file" | head -c 65536 | curl -fsS -X PATCH "$at" -H "Authorization: Bearer $VITRINE_TOKEN" -H 'Tus-Resumable: 1.0.0' \
		-H "Upload-Offset: $offset" -H 'Content-Type: application/offset+octet-stream' --data-binary @- -D - -o /dev/null | tr -d '\r')
	offset=$(printf '%s\n' "$answer" | sed -n 's/^[Uu]pload-[Oo]ffset: //p')
done
printf '%s\n' "$answer" | sed -n 's/^[Vv]itrine-[Aa]sset: //p'
