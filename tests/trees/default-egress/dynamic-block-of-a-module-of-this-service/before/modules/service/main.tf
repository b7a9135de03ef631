variable "name" {
  type    = string
  default = "bond-ai-dev-backend"
}

variable "network" {
  type    = object({ connector_arn = string })
  default = null
}

resource "aws_apprunner_service" "app" {
  service_name = var.name

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  dynamic "network_configuration" {
    for_each = var.network == null ? [] : [var.network]

    content {
      egress_configuration {
        egress_type       = "VPC"
        vpc_connector_arn = network_configuration.value.connector_arn
      }
    }
  }
}
