resource "aws_apprunner_service" "app" {
  network_configuration {
    egress_configuration {
      egress_type       = var.private ? "VPC" : "DEFAULT"
      vpc_connector_arn = var.private ? aws_apprunner_vpc_connector.app.arn : null
    }
  }
}

variable "private" {
  default = true
}
