terraform {
  backend "s3" {
    bucket = "bond-state"
    key    = "app.tfstate"
    region = "us-west-2"
  }
}

data "aws_vpc" "main" {
  tags = {
    Name = "bond-${terraform.workspace}"
  }
}

data "aws_subnets" "private" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.main.id]
  }

  tags = {
    Tier = "private"
  }
}

data "aws_security_group" "app" {
  vpc_id = data.aws_vpc.main.id
  name   = "bond-app"
}

module "app_runner" {
  source  = "terraform-aws-modules/app-runner/aws"
  version = "1.2.1"

  service_name = "bond-ai-${terraform.workspace}-backend"

  create_vpc_connector          = true
  vpc_connector_name            = "bond-ai-${terraform.workspace}-connector"
  vpc_connector_subnets         = data.aws_subnets.private.ids
  vpc_connector_security_groups = [data.aws_security_group.app.id]

  network_configuration = {
    egress_configuration = {
      egress_type = "VPC"
    }
  }
}
