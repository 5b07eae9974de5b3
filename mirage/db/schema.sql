-- The schema at revision 11. `python -m tests.db.schema` writes this file from the migrations.
-- Each generation adds a partition: embedding_<id>, with the index embedding_<id>_hnsw_idx.

CREATE TABLE api_key (
    id uuid NOT NULL,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    scope text NOT NULL,
    project_ids uuid[],
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    CONSTRAINT api_key_pkey PRIMARY KEY (id),
    CONSTRAINT api_key_name_key UNIQUE (name),
    CONSTRAINT api_key_sha256_key UNIQUE (sha256),
    CONSTRAINT api_key_scope_check CHECK (scope = ANY (ARRAY['read'::text, 'write'::text, 'admin'::text]))
);

CREATE TABLE blocker (
    kind text NOT NULL,
    detail text NOT NULL,
    since timestamp with time zone NOT NULL DEFAULT now(),
    seen_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT blocker_pkey PRIMARY KEY (kind)
);

CREATE TABLE chunk (
    id uuid NOT NULL,
    generation_id integer NOT NULL,
    document_id uuid NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    first_section integer NOT NULL,
    last_section integer NOT NULL,
    heading text NOT NULL,
    text text NOT NULL,
    tokens integer NOT NULL,
    status text NOT NULL DEFAULT 'pending'::text,
    attempts integer NOT NULL DEFAULT 0,
    turn timestamp with time zone NOT NULL DEFAULT now(),
    not_before timestamp with time zone NOT NULL DEFAULT now(),
    lease_token uuid,
    leased_until timestamp with time zone,
    lexemes tsvector,
    terms sparsevec(268435456),
    CONSTRAINT chunk_pkey PRIMARY KEY (id),
    CONSTRAINT chunk_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id) ON DELETE CASCADE,
    CONSTRAINT chunk_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES generation(id),
    CONSTRAINT chunk_status_check CHECK (status = ANY (ARRAY['pending'::text, 'ready'::text, 'failed'::text])),
    CONSTRAINT chunk_words_check CHECK (status <> 'ready'::text OR lexemes IS NOT NULL)
);
CREATE INDEX chunk_document_idx ON chunk USING btree (document_id, generation_id, start_offset);
CREATE INDEX chunk_lexemes_idx ON chunk USING gin (lexemes) WHERE status = 'ready'::text;
CREATE INDEX chunk_queue_idx ON chunk USING btree (generation_id, turn, document_id, start_offset) WHERE status = 'pending'::text;

CREATE TABLE chunked_document (
    document_id uuid NOT NULL,
    generation_id integer NOT NULL,
    error_code text,
    error text,
    words_version integer NOT NULL DEFAULT 0,
    CONSTRAINT chunked_document_pkey PRIMARY KEY (document_id, generation_id),
    CONSTRAINT chunked_document_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id) ON DELETE CASCADE,
    CONSTRAINT chunked_document_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES generation(id)
);
CREATE INDEX chunked_document_words_idx ON chunked_document USING btree (words_version);

CREATE TABLE compatibility (
    revision integer NOT NULL,
    min_compatible integer NOT NULL,
    CONSTRAINT compatibility_pkey PRIMARY KEY (revision)
);

CREATE TABLE document (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    file_key text NOT NULL,
    status text NOT NULL DEFAULT 'pending'::text,
    title text,
    page_count integer,
    warnings text[] NOT NULL DEFAULT '{}'::text[],
    error_code text,
    error text,
    attempts integer NOT NULL DEFAULT 0,
    not_before timestamp with time zone NOT NULL DEFAULT now(),
    lease_token uuid,
    leased_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    updated_at timestamp with time zone NOT NULL DEFAULT now(),
    language text,
    draft_of uuid,
    CONSTRAINT document_pkey PRIMARY KEY (id),
    CONSTRAINT document_draft_of_key UNIQUE (draft_of),
    CONSTRAINT document_draft_of_fkey FOREIGN KEY (draft_of) REFERENCES document(id) ON DELETE CASCADE,
    CONSTRAINT document_project_id_fkey FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE,
    CONSTRAINT document_draft_check CHECK (draft_of IS NULL OR (status = ANY (ARRAY['pending'::text, 'parsing'::text, 'embedding'::text]))),
    CONSTRAINT document_status_check CHECK (status = ANY (ARRAY['pending'::text, 'parsing'::text, 'embedding'::text, 'ready'::text, 'failed'::text]))
);
CREATE UNIQUE INDEX document_file_key_key ON document USING btree (file_key) WHERE draft_of IS NULL;
CREATE INDEX document_language_idx ON document USING btree (project_id, language);
CREATE INDEX document_listing_idx ON document USING btree (project_id, created_at, id);
CREATE INDEX document_name_idx ON document USING hash (name);
CREATE INDEX document_queue_idx ON document USING btree (not_before) WHERE status = ANY (ARRAY['pending'::text, 'parsing'::text, 'embedding'::text]);

CREATE TABLE embedding (
    chunk_id uuid NOT NULL,
    generation_id integer NOT NULL,
    document_id uuid NOT NULL,
    embedding halfvec STORAGE PLAIN NOT NULL,
    CONSTRAINT embedding_pkey PRIMARY KEY (chunk_id, generation_id),
    CONSTRAINT embedding_chunk_id_fkey FOREIGN KEY (chunk_id) REFERENCES chunk(id) ON DELETE CASCADE,
    CONSTRAINT embedding_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES generation(id)
) PARTITION BY LIST (generation_id);
CREATE INDEX embedding_document_idx ON ONLY embedding USING btree (document_id);

CREATE TABLE generation (
    id integer NOT NULL GENERATED BY DEFAULT AS IDENTITY,
    model text NOT NULL,
    digest text NOT NULL,
    dimensions integer NOT NULL,
    query_prompt text NOT NULL,
    document_prompt text NOT NULL,
    chunk_size integer NOT NULL,
    chunk_overlap integer NOT NULL,
    state text NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    languages text[] NOT NULL DEFAULT '{}'::text[],
    asked_chunk_size integer,
    asked_chunk_overlap integer,
    floor_mean double precision,
    floor_deviation double precision,
    floor_vectors integer,
    CONSTRAINT generation_pkey PRIMARY KEY (id),
    CONSTRAINT generation_state_check CHECK (state = ANY (ARRAY['building'::text, 'active'::text, 'retired'::text, 'dropping'::text, 'dropped'::text]))
);
CREATE UNIQUE INDEX generation_current_key ON generation USING btree (state) WHERE state = ANY (ARRAY['active'::text, 'building'::text]);
CREATE UNIQUE INDEX generation_recipe_key ON generation USING btree (model, digest, dimensions, query_prompt, document_prompt, chunk_size, chunk_overlap);

CREATE TABLE identity (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT identity_pkey PRIMARY KEY (id)
);

CREATE TABLE project (
    id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT project_pkey PRIMARY KEY (id),
    CONSTRAINT project_name_key UNIQUE (name)
);

CREATE TABLE section (
    document_id uuid NOT NULL,
    position integer NOT NULL,
    heading_path text[] NOT NULL,
    page_number integer,
    page_label text,
    line integer,
    start_offset integer NOT NULL,
    text text NOT NULL,
    CONSTRAINT section_pkey PRIMARY KEY (document_id, "position"),
    CONSTRAINT section_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id) ON DELETE CASCADE
);

CREATE TABLE split (
    document_id uuid NOT NULL,
    generation_id integer NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    text text NOT NULL,
    asked integer NOT NULL DEFAULT 0,
    not_before timestamp with time zone NOT NULL DEFAULT (now() + '00:05:00'::interval),
    CONSTRAINT split_pkey PRIMARY KEY (document_id, generation_id, start_offset, end_offset),
    CONSTRAINT split_document_id_fkey FOREIGN KEY (document_id) REFERENCES document(id) ON DELETE CASCADE,
    CONSTRAINT split_generation_id_fkey FOREIGN KEY (generation_id) REFERENCES generation(id)
);
CREATE INDEX split_queue_idx ON split USING btree (generation_id, not_before);
