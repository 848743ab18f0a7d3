//! Contact policy, decisions, the outbox, attempts and receipts.
