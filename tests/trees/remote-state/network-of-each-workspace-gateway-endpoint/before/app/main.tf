terraform {
  backend "s3" {
    bucket = "bond-state"
    key    = "app.tfstate"
    region = "us-west-2"
  }
}

data "terraform_remote_state" "network" {
  backend   = "s3"
  workspace = terraform.workspace

  config = {
    bucket = "bond-state"
    key    = "network.tfstate"
    region = "us-west-2"
  }
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-${terraform.workspace}-connector"
  subnets            = data.terraform_remote_state.network.outputs.subnet_ids
  security_groups    = [data.terraform_remote_state.network.outputs.group_id]
}

resource "aws_apprunner_service" "app" {
  service_name = "bond-ai-${terraform.workspace}-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
