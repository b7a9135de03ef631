resource "aws_apprunner_service" "app" {
  network_configuration {
    egress_configuration {
      egress_type = "VPC"
    }
  }
}
