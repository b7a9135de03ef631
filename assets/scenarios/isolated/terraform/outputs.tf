output "backend_url" {
  description = "Where the backend answers"
  value       = aws_apprunner_service.backend.service_url
}
