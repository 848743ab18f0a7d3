//! What a message says: templates, mail markup, links, and the check that nobody's message breaks.
