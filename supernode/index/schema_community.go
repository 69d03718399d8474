package index

// schemaCommunity is of comments.go, votes.go and collections.go. item_totals counts what
// belongs to an item by name: comments, the verdicts of votes, and the types of the members
// of a collection. Comments that were deleted are remembered for a while, so that the
// signed request that made one does not make it again.
const schemaCommunity = `
CREATE TABLE comments (
	id        TEXT NOT NULL PRIMARY KEY,
	item_type TEXT NOT NULL,
	item_id   TEXT NOT NULL,
	author    TEXT NOT NULL,
	date      BIGINT NOT NULL,
	content   TEXT NOT NULL,
	statement TEXT NOT NULL,
	pub_key   BYTEA NOT NULL,
	signature BYTEA NOT NULL
) ` + wideRows + `;
CREATE INDEX comments_by_item ON comments (item_type, item_id, date, id);
CREATE INDEX comments_by_author ON comments (author, date, id);
CREATE INDEX comments_by_date ON comments (date, id);

CREATE TABLE comment_tags (
	tag  TEXT NOT NULL,
	date BIGINT NOT NULL,
	id   TEXT NOT NULL,
	PRIMARY KEY (tag, date, id)
);

CREATE TABLE deleted_comments (
	id   TEXT NOT NULL PRIMARY KEY,
	date BIGINT NOT NULL
);
CREATE INDEX deleted_comments_by_date ON deleted_comments (date);

CREATE TABLE votes (
	item_type TEXT NOT NULL,
	item_id   TEXT NOT NULL,
	account   TEXT NOT NULL,
	verdict   TEXT NOT NULL,
	date      BIGINT NOT NULL,
	statement TEXT NOT NULL,
	pub_key   BYTEA NOT NULL,
	signature BYTEA NOT NULL,
	PRIMARY KEY (item_type, item_id, account)
);
CREATE INDEX votes_by_item ON votes (item_type, item_id, date, account);

CREATE TABLE item_totals (
	item_type TEXT NOT NULL,
	item_id   TEXT NOT NULL,
	name      TEXT NOT NULL,
	total     BIGINT NOT NULL,
	PRIMARY KEY (item_type, item_id, name)
);

CREATE TABLE collections (
	id          TEXT NOT NULL PRIMARY KEY,
	owner       TEXT NOT NULL,
	name        TEXT NOT NULL,
	description TEXT NOT NULL,
	created     BIGINT NOT NULL,
	modified    BIGINT NOT NULL,
	statement   TEXT NOT NULL,
	pub_key     BYTEA NOT NULL,
	signature   BYTEA NOT NULL
) ` + wideRows + `;
CREATE INDEX collections_by_owner ON collections (owner, created, id);
CREATE INDEX collections_by_created ON collections (created, id);

CREATE TABLE collection_items (
	collection TEXT NOT NULL,
	item_type  TEXT NOT NULL,
	item_id    TEXT NOT NULL,
	value      TEXT NOT NULL,
	added      BIGINT NOT NULL,
	PRIMARY KEY (collection, item_type, item_id)
);
CREATE INDEX collection_items_by_item ON collection_items (item_type, item_id, collection);

CREATE TABLE collection_words (
	word       TEXT NOT NULL,
	collection TEXT NOT NULL,
	PRIMARY KEY (word, collection)
);
`
