#!/usr/bin/env bash
# Writes the vendored files of the GraphiQL page anew from the packages that package-lock.json pins (npm checks their hashes).
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json "$work"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --silent
from=$work/node_modules

# Without comments and white space it is half the size.
pack() { "$from/.bin/esbuild" "$1" --minify --legal-comments=eof | gzip -9 -n >"$2.gz"; }
pack "$from/react/umd/react.production.min.js" react.js
pack "$from/react-dom/umd/react-dom.production.min.js" react-dom.js
pack "$from/graphiql/graphiql.min.js" graphiql.js
pack "$from/graphiql/graphiql.min.css" graphiql.css
for package in graphiql react react-dom; do
    cp "$from/$package/LICENSE" "LICENSE-$package"
done
