locals {
  services = {
    backend = { image = "public.ecr.aws/x/y:1" }
    worker  = { image = "public.ecr.aws/x/z:1" }
  }
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.8.1"

  name = "bond"
  cidr = "10.40.0.0/16"

  azs            = ["us-west-2a", "us-west-2b", "us-west-2c"]
  public_subnets = ["10.40.0.0/20", "10.40.16.0/20", "10.40.32.0/20"]
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.vpc.vpc_id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "app" {
  for_each           = local.services
  vpc_connector_name = each.key == "backend" ? "bond-ai-dev-connector" : "bond-ai-dev-${each.key}-connector"
  subnets            = module.vpc.public_subnets
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  for_each     = local.services
  service_name = "bond-ai-dev-${each.key}"

  source_configuration {
    image_repository {
      image_identifier      = each.value.image
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app[each.key].arn
    }
  }
}
