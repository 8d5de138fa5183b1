use meters::MonitoredExt as _;

fn main() {
    let monitor = meters::monitor("Fetch").register();
    let _number = 5.monitored(monitor);
    let _function = (|| 5).monitored_if(monitor, |number| *number > 5);
    let _other = async { 5_u8 }.monitored_if(monitor, |text: &String| text.is_empty());
}
