#!/bin/sh
# Alertmanager reads no environment variables, so the webhook's address is put into the generated configuration here.
#   LEDGERLINE_ALERT_WEBHOOK_URL=https://example.com/hook start.sh alertmanager --storage.path=/alertmanager
set -eu

source=${LEDGERLINE_ALERTMANAGER_CONFIG:-/etc/alertmanager/alertmanager.yaml}
target=$(mktemp)
placeholder=http://webhook.invalid/ledgerline

if [ -n "${LEDGERLINE_ALERT_WEBHOOK_URL:-}" ]; then
  # In sed's replacement these three characters have a meaning of their own.
  url=$(printf '%s' "$LEDGERLINE_ALERT_WEBHOOK_URL" | sed 's/[&|\\]/\\&/g')
  sed "s|$placeholder|$url|" "$source" > "$target"
else
  cat "$source" > "$target"
fi

exec "$@" "--config.file=$target"
