module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.0"

  name            = "bond"
  cidr            = "10.40.0.0/16"
  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = ["10.40.0.0/20", "10.40.16.0/20"]
  public_subnets  = ["10.40.96.0/24"]

  enable_nat_gateway = true
  single_nat_gateway = true
}

resource "aws_subnet" "third" {
  vpc_id            = module.vpc.vpc_id
  cidr_block        = "10.40.32.0/20"
  availability_zone = "us-west-2c"
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.vpc.vpc_id
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = concat(module.vpc.private_subnets, [aws_subnet.third.id])
  security_groups    = [aws_security_group.app.id]
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
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
