module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.8.1"

  name = "bond-dev"
  cidr = "10.40.0.0/16"

  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = ["10.40.0.0/20", "10.40.16.0/20"]

  enable_dns_hostnames = true
}

module "endpoints" {
  source  = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"
  version = "5.8.1"

  vpc_id     = module.vpc.vpc_id
  subnet_ids = module.vpc.private_subnets

  create_security_group      = false
  security_group_ids         = [data.aws_security_group.endpoints.id]
  security_group_name_prefix = "bond-endpoints-"
  security_group_rules = {
    ingress_https = {
      description = "HTTPS"
      cidr_blocks = [module.vpc.vpc_cidr_block]
    }
  }

  endpoints = {
    sts = {
      service             = "sts"
      private_dns_enabled = true
    }

    logs = {
      service             = "logs"
      private_dns_enabled = true
    }


  }
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
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = module.vpc.private_subnets
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

data "aws_security_group" "endpoints" {
  name = "endpoints-of-another-team"
}
