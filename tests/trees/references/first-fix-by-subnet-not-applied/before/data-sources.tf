# A subnet of the App Runner connector: its VPC is the VPC of the connector
data "aws_subnet" "app_runner" {
  id = tolist(aws_apprunner_vpc_connector.app.subnets)[0]
}

# VPC of the App Runner connector
data "aws_vpc" "app_runner" {
  id = data.aws_subnet.app_runner.vpc_id
}

# Route tables associated with the App Runner subnets (explicit associations only)
data "aws_route_tables" "app_runner" {
  vpc_id = data.aws_subnet.app_runner.vpc_id

  filter {
    name   = "association.subnet-id"
    values = aws_apprunner_vpc_connector.app.subnets
  }
}

data "aws_region" "current" {}
