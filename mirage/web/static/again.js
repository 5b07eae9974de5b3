// Tries again while a service is away.
setTimeout(() => location.reload(), 5000);
