-- Sign-ins at an OpenID provider that have been begun.
CREATE TABLE sign_ins (
  state BYTEA PRIMARY KEY, browser BYTEA NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL, expires BIGINT NOT NULL
);
