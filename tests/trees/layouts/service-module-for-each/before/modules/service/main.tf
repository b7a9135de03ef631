variable "name" {
  type = string
}

variable "port" {
  type = number
}

variable "egress_type" {
  type    = string
  default = "VPC"
}

variable "vpc_connector_arn" {
  type    = string
  default = null
}

variable "environment_values" {
  type    = map(string)
  default = {}
}

resource "aws_apprunner_service" "this" {
  service_name = var.name

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"

      image_configuration {
        port                          = var.port
        runtime_environment_variables = var.environment_values
      }
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = var.egress_type
      vpc_connector_arn = var.egress_type == "VPC" ? var.vpc_connector_arn : null
    }
  }
}
