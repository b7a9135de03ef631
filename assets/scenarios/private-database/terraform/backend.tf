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
          DATABASE_URL         = "postgres://bond@bond-db.cluster-c9xk2m4p7q1r.us-west-2.rds.amazonaws.com:5432/bond"
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
      egress_type = "DEFAULT"
    }
  }

  tags = {
    Name = "${var.project_name}-${var.environment}-backend"
  }
}
