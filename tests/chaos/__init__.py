"""`make chaos`: what indexers leave behind when they, the database or the embedder are killed."""
