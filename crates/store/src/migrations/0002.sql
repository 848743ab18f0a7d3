-- Version 2: links with which a console user chooses a new password; a user has at most one.
CREATE TABLE resets (
    user        INTEGER PRIMARY KEY REFERENCES users (id),
    hash        TEXT NOT NULL UNIQUE,
    expires_at  INTEGER NOT NULL
) STRICT;
