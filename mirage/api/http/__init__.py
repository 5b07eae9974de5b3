"""What HTTP needs around the routes: bodies, answers, problems, connections, the server."""
