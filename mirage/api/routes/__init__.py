"""The routes: one module per noun, each handler a few lines."""
