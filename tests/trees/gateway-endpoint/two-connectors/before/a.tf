resource "aws_apprunner_vpc_connector" "other" {
  vpc_connector_name = "other"
  subnets            = ["subnet-9"]
  security_groups    = ["sg-9"]
}
