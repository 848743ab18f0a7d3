-- Version 4: people put the questions on Home into the order they like; a place, from 1, says what is there and where.
ALTER TABLE questions ADD COLUMN place INTEGER;
UPDATE questions SET place = (
    SELECT COUNT(*) FROM questions AS other
    WHERE other.workspace = questions.workspace
      AND (other.pinned_at, other.id) <= (questions.pinned_at, questions.id)
) WHERE pinned_at IS NOT NULL;
ALTER TABLE questions DROP COLUMN pinned_at;
