#!/bin/sh
# Follows every accepted change over server-sent events with curl, and appends each to a file as one line, oldest
# first. The last line contains the cursor from which to continue, so the script may be killed at any moment.
#
#   follow.sh [URL [FILE]]
set -u
url=${1:-http://127.0.0.1:8000/graphql}
file=${2:-changes.jsonl}
follow='{ "query": "subscription { changes { cursor sequence operation recordId fields { field before after } } }" }'
oldest='{ "query": "{ at(knownAt: \"1970-01-01T00:00:00Z\") { cursor } }" }'

ask() { curl -sSN "$url" -H 'Content-Type: application/json' "$@"; }
cursor() { sed -n '$s/.*"cursor":"\([^"]*\)".*/\1/p' "$file"; }

# A child process may outlive the script for a moment: a second run waits until it no longer writes to the file.
exec 9>>"$file.lock"
flock -w 10 9 || { echo "another process writes to $file" >&2; exit 1; }
# Removes an incomplete last line: that change is requested again.
if [ -n "$(tail -c 1 "$file")" ]; then sed -i '$d' "$file"; fi

while :; do
  if [ -s "$file" ]; then
    # Reconnects after five minutes with almost no data: the server may have vanished without closing the connection.
    ask -H 'Accept: text/event-stream' -H "Last-Event-ID: $(cursor)" -d "$follow" -y 300 -Y 1 |
      sed -un -e '/^data: {"data":{"changes":{"cursor":/s/^data: //p' -e '/^data: {"errors"/w /dev/stderr' >>"$file"
  else
    ask -d "$oldest" | sed -n '/"cursor":"/p' >>"$file"
    # The response has no newline at its end.
    if [ -n "$(tail -c 1 "$file")" ]; then echo >>"$file"; fi
  fi
  sleep 1
done
