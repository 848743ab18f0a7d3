-- Version 3: questions that analysts keep, and which of them Home shows.
CREATE TABLE questions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace   INTEGER NOT NULL REFERENCES workspaces (id),
    name        TEXT NOT NULL,
    question    TEXT NOT NULL,
    pinned_at   INTEGER,
    version     INTEGER NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    changed_by  TEXT NOT NULL,
    changed_at  INTEGER NOT NULL,
    UNIQUE (workspace, name)
) STRICT;
