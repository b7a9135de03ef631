resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = aws_vpc.main.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "${local.prefix}-connector"
  subnets            = values(aws_subnet.private)[*].id
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "this" {
  service_name = "${local.prefix}-backend"

  source_configuration {
    auto_deployments_enabled = false

    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"

      image_configuration {
        port = "8000"
      }
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
