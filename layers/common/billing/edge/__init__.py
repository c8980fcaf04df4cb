"""What Lambda and HTTP need: settings, clients, observability, problem documents, schemas."""
