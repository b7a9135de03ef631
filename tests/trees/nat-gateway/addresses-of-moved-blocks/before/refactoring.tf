resource "aws_eip" "office" {
  domain = "vpc"
}

moved {
  from = aws_eip.nat
  to   = aws_eip.office
}

removed {
  from = aws_nat_gateway.main

  lifecycle {
    destroy = false
  }
}
