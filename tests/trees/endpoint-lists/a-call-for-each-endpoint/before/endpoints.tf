module "endpoint_ecr_api" {
  source = "./endpoint"

  service            = "ecr.api"
  name               = "bond-ecr-api"
  vpc_id             = module.net.vpc_id
  subnet_ids         = module.net.subnets
  security_group_ids = [aws_security_group.endpoints.id]
}

module "endpoint_logs" {
  source = "./endpoint"

  # Log groups
  service            = "logs"
  name               = "bond-logs"
  vpc_id             = module.net.vpc_id
  subnet_ids         = module.net.subnets
  security_group_ids = [aws_security_group.endpoints.id]
}

resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = module.net.vpc_id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.40.0.0/16"]
  }
}
