variable "mode" {
  type = string
}

variable "subnets" {
  type = list(string)
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = var.subnets
  security_groups    = ["sg-app"]
}

resource "aws_apprunner_service" "app" {
  service_name = "bond-ai-dev-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = var.mode
      vpc_connector_arn = var.mode == "VPC" ? aws_apprunner_vpc_connector.app.arn : null
    }
  }
}
