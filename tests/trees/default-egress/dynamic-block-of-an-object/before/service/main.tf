variable "name" {
  type = string
}

variable "network" {
  type = object({
    egress_type       = string
    vpc_connector_arn = optional(string)
  })
  default = null
}

resource "aws_apprunner_service" "this" {
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
        egress_type       = network_configuration.value.egress_type
        vpc_connector_arn = network_configuration.value.vpc_connector_arn
      }
    }
  }
}
