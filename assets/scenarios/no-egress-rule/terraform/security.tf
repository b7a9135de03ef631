# What the backend may call
resource "aws_security_group" "app_runner" {
  name_prefix = "${var.project_name}-${var.environment}-app-runner-"
  description = "App Runner VPC connector"
  vpc_id      = data.aws_vpc.existing.id

  tags = {
    Name = "${var.project_name}-${var.environment}-app-runner-sg"
  }

  lifecycle {
    create_before_destroy = true
  }
}
