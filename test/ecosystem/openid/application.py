"""An application by Authlib and Flask, configured by docs/integrate/openid.md alone."""

import os

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, redirect, request, session, url_for
from joserfc.errors import JoseError

ACR = "urn:twinlock:acr:2fa"

app = Flask(__name__)
app.secret_key = os.urandom(32)
portal = OAuth(app).register(
    "portal",
    server_metadata_url=os.environ["ISSUER"] + "/.well-known/openid-configuration",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)
# by the person's id; a cookie is too small for them
tokens = {}


@app.get("/")
def home():
    token = tokens.get(session.get("account"))
    if token is None:
        return redirect(url_for("login"))
    return jsonify(claims=token["userinfo"], userinfo=portal.userinfo(token=token))


@app.get("/login")
def login():
    return portal.authorize_redirect(url_for("callback", _external=True), acr_values=ACR)


@app.get("/callback")
def callback():
    try:
        # checks state, PKCE, and of the ID token signature, issuer, audience, times, nonce and acr
        token = portal.authorize_access_token(claims_options={"acr": {"essential": True, "value": ACR}})
    except (OAuthError, JoseError) as error:
        return str(error), 403
    session["account"] = token["userinfo"]["sub"]
    tokens[session["account"]] = token
    return redirect(url_for("home"))


@app.post("/refresh")
def refresh():
    token = tokens[session["account"]]
    try:
        refreshed = portal.fetch_access_token(grant_type="refresh_token", refresh_token=token["refresh_token"])
    except OAuthError as error:
        return error.error, 401
    tokens[session["account"]] = {**token, **refreshed}
    return jsonify(renewed=[name for name in refreshed if refreshed[name] != token.get(name)])


@app.get("/logout")
def logout():
    token = tokens.pop(session.pop("account"))
    return portal.logout_redirect(url_for("bye", _external=True), id_token_hint=token["id_token"])


@app.get("/bye")
def bye():
    portal.validate_logout_response()
    return "<title>Bye</title><h1>Bye</h1>"


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
