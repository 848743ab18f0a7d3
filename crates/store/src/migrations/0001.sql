-- The control plane, version 1. Instants are UTC milliseconds; documents are JSON text.
CREATE TABLE workspaces (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    email       TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    password    TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE memberships (
    workspace   INTEGER NOT NULL REFERENCES workspaces (id),
    user        INTEGER NOT NULL REFERENCES users (id),
    role        TEXT NOT NULL,
    PRIMARY KEY (workspace, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    hash        TEXT PRIMARY KEY,
    workspace   INTEGER NOT NULL REFERENCES workspaces (id),
    user        INTEGER NOT NULL REFERENCES users (id),
    csrf        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE setups (
    hash        TEXT PRIMARY KEY,
    workspace   INTEGER NOT NULL REFERENCES workspaces (id),
    email       TEXT NOT NULL,
    role        TEXT NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace   INTEGER NOT NULL REFERENCES workspaces (id),
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    role        TEXT,
    hash        TEXT NOT NULL UNIQUE,
    prefix      TEXT NOT NULL,
    shown       TEXT,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT;

CREATE TABLE audiences (
    workspace   INTEGER NOT NULL REFERENCES workspaces (id),
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    text        TEXT NOT NULL,
    json        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    changed_by  TEXT NOT NULL,
    changed_at  INTEGER NOT NULL,
    PRIMARY KEY (workspace, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE campaigns (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace   INTEGER NOT NULL REFERENCES workspaces (id),
    name        TEXT NOT NULL,
    audience    TEXT,
    draft       TEXT NOT NULL,
    version     INTEGER NOT NULL,
    launched_at INTEGER,
    launched_by TEXT,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    changed_by  TEXT NOT NULL,
    changed_at  INTEGER NOT NULL,
    UNIQUE (workspace, name)
) STRICT;

CREATE TABLE settings (
    workspace   INTEGER PRIMARY KEY REFERENCES workspaces (id),
    document    TEXT NOT NULL,
    version     INTEGER NOT NULL,
    changed_by  TEXT NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE imports (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace   INTEGER NOT NULL REFERENCES workspaces (id),
    key         TEXT NOT NULL,
    file        TEXT NOT NULL,
    rows        INTEGER,
    position    INTEGER NOT NULL DEFAULT 0,
    accepted    INTEGER NOT NULL DEFAULT 0,
    duplicate   INTEGER NOT NULL DEFAULT 0,
    rejected    INTEGER NOT NULL DEFAULT 0,
    finished    INTEGER NOT NULL DEFAULT 0,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    UNIQUE (workspace, key)
) STRICT;

CREATE TABLE audit (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace   INTEGER NOT NULL REFERENCES workspaces (id),
    at          INTEGER NOT NULL,
    who         TEXT NOT NULL,
    what        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    detail      TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_workspace ON audit (workspace, id);
