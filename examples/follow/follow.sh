#!/bin/sh
# Follows every accepted change over Server-Sent Events, with curl alone: each is a line of a file, from the
# oldest on. The last line says where to go on, so this may be killed and started again at any moment.
#
#   follow.sh [URL [FILE]]
set -u
url=${1:-http://127.0.0.1:8000/graphql}
file=${2:-changes.jsonl}
follow='{ "query": "subscription { changes { cursor sequence operation recordId fields { field before after } } }" }'
oldest='{ "query": "{ at(knownAt: \"1970-01-01T00:00:00Z\") { cursor } }" }'

ask() { curl -sSN "$url" -H 'Content-Type: application/json' "$@"; }
cursor() { sed -n '$s/.*"cursor":"\([^"]*\)".*/\1/p' "$file"; }

# What this starts may outlive it: nobody else writes to the file meanwhile.
exec 9>>"$file.lock"
flock -n 9 || { echo "somebody else writes to $file" >&2; exit 1; }
# A line that was cut short is asked for again.
if [ -n "$(tail -c 1 "$file")" ]; then sed -i '$d' "$file"; fi

while :; do
  if [ -s "$file" ]; then
    # Who hears next to nothing for five minutes asks again: the other side may be gone without a word.
    ask -H 'Accept: text/event-stream' -H "Last-Event-ID: $(cursor)" -d "$follow" -y 300 -Y 1 |
      sed -un -e '/^data: {"data":{"changes":{"cursor":/s/^data: //p' -e '/^data: {"errors"/w /dev/stderr' >>"$file"
  else
    ask -d "$oldest" | sed -n '/"cursor":"/p' >>"$file"
    # The answer ends without a new line.
    if [ -n "$(tail -c 1 "$file")" ]; then echo >>"$file"; fi
  fi
  sleep 1
done
