"""The HTTP layer around the routes: bodies, answers, problems, connections, the server."""
