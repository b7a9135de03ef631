# What the backend may call
resource "aws_security_group" "app_runner" {
  name_prefix = "${var.project_name}-${var.environment}-app-runner-"
  description = "App Runner VPC connector"
  vpc_id      = data.aws_vpc.existing.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
    description = "Allow all outbound"
  }

  tags = {
    Name = "${var.project_name}-${var.environment}-app-runner-sg"
  }

  lifecycle {
    create_before_destroy = true
  }
}
