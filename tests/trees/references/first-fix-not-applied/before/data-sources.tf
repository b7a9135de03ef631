# VPC of the App Runner connector
data "aws_vpc" "app_runner" {
  id = aws_security_group.app.vpc_id
}

# Route tables associated with the App Runner subnets (explicit associations only)
data "aws_route_tables" "app_runner" {
  vpc_id = aws_security_group.app.vpc_id

  filter {
    name   = "association.subnet-id"
    values = aws_apprunner_vpc_connector.app.subnets
  }
}

data "aws_region" "current" {}
