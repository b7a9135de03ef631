resource "aws_apprunner_vpc_connector" "backend" {
  vpc_connector_name = "${var.project_name}-${var.environment}-connector"
  subnets            = local.app_runner_subnet_ids
  security_groups    = [aws_security_group.app_runner.id]

  tags = {
    Name = "${var.project_name}-${var.environment}-connector"
  }
}

resource "aws_apprunner_service" "backend" {
  service_name = "${var.project_name}-${var.environment}-backend"

  source_configuration {
    auto_deployments_enabled = false

    image_repository {
      image_identifier      = "public.ecr.aws/aws-containers/hello-app-runner:latest"
      image_repository_type = "ECR_PUBLIC"

      image_configuration {
        port = "8000"

        runtime_environment_variables = {
          SECRETS_ENDPOINT_URL = "https://secretsmanager.${var.aws_region}.amazonaws.com"
          BEDROCK_ENDPOINT_URL = "https://bedrock-runtime.${var.aws_region}.amazonaws.com"
          OKTA_DOMAIN          = var.okta_domain
        }

        # App Runner reads this itself when it deploys
        runtime_environment_secrets = {
          OKTA_CLIENT_SECRET = var.okta_secret_arn
        }
      }
    }
  }

  health_check_configuration {
    protocol = "HTTP"
    path     = "/health"
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.backend.arn
    }
  }

  tags = {
    Name = "${var.project_name}-${var.environment}-backend"
  }
}
