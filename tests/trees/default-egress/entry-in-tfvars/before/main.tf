variable "services" {
  type = map(object({
    on     = bool
    egress = string
  }))
}

data "aws_vpc" "main" {
  id = "vpc-1"
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = data.aws_vpc.main.id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = ["subnet-a", "subnet-b", "subnet-c"]
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  for_each = { for name, one in var.services : name => one if one.on }

  service_name = "bond-ai-dev-${each.key}"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = each.value.egress
      vpc_connector_arn = each.value.egress == "VPC" ? aws_apprunner_vpc_connector.app.arn : null
    }
  }
}
