-- Version 5: requests that were turned away, one tally for each workspace (0: nobody's) and mistake.
CREATE TABLE refusals (
    workspace   INTEGER NOT NULL,
    code        TEXT NOT NULL,
    tally       TEXT NOT NULL,
    PRIMARY KEY (workspace, code)
) STRICT, WITHOUT ROWID;
