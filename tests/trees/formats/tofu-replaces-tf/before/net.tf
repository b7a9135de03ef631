# Terraform reads this file
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

