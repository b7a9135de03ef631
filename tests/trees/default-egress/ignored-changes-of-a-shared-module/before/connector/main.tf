variable "subnet_ids" {
  type = list(string)
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_apprunner_vpc_connector" "this" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.app.id]
}

output "arn" {
  value = aws_apprunner_vpc_connector.this.arn
}
