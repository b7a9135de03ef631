resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = ["subnet-a", "subnet-b", "subnet-c"]
  security_groups    = [aws_security_group.app.id]
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}

module "api" {
  source = "./modules/service"

  network = {
    connector_arn = aws_apprunner_vpc_connector.app.arn
  }
}
